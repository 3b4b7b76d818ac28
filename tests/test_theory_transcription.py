import pytest
from sympy import Function, IndexedBase, Max, Min, Rational, Sum, Symbol, binomial, ceiling, log, oo, sqrt, symbols

from theory import notation
from theory import symbols as v
from theory.claim import Relation
from theory.transcription import Unparsed, digest, occurs, parse, same

T, a, d, k, s = symbols("T a d k s", integer=True, positive=True)
mu, L, gamma, eta, G, H = symbols("mu L gamma eta G H", positive=True)
LETTERS = {"T": T, "a": a, "d": d, "k": k, "s": s, r"\mu": mu, "L": L, r"\gamma": gamma, r"\eta": eta, "G": G, "H": H}

READINGS = [
    (r"T(T+2a)", T**2 + 2 * a * T),
    (r"d\mu^2", d * mu**2),
    (r"4 \frac{\eta^2(1-\gamma^2)}{\gamma^2} H^2 G^2.", 4 * eta**2 * (1 - gamma**2) / gamma**2 * H**2 * G**2),
    (r"\frac12 L", L / 2),
    (r"0.25L", L / 4),
    (r"\left[1 - \frac{k}{d}\right]\{a+1\}", (1 - Rational(1) * k / d) * (a + 1)),
    (r"\max\left\{\frac{4H}{\gamma}, 32 L, H\right\}", Max(4 * H / gamma, 32 * L, H)),
    (r"2\min(\frac{d}{s^2},\frac{\sqrt{d}}{s})", 2 * Min(d / s**2, sqrt(d) / s)),
    (r"(\lceil \log_2(d) \rceil + \lceil \log_2(s+1) \rceil + 1) \cdot k + 32", (ceiling(log(d, 2)) + ceiling(log(s + 1, 2)) + 1) * k + 32),
    (r"\ln\left(\frac{T+a-1}{a}\right)", log((T + a - 1) / a)),
    (r"k^{\frac{2}{s}-1}\gamma^{-1}", k ** (Rational(2) / s - 1) / gamma),
    (r"\binom{d+k}{k}", binomial(d + k, k)),
    (r"(d+k)^{3/4}", (d + k) ** Rational(3, 4)),
    (r"\sum_{t=0}^{T-1} (a+t)^2", Sum((a + Symbol("n")) ** 2, (Symbol("n"), 0, T - 1))),
    (r"\sum_{j=0}^{\infty} \left(1 - \frac{1}{1+\gamma}\right)^j", 1 + gamma),
    (r"25,610,216", 25610216 + 0 * L),
]

MISREADINGS = [
    (r"\bar\gamma", r"no letter stands for \\bar"),
    (r"\sigma_{max}", r"no letter stands for \\sigma"),
    (r"a_{2}+1", "a subscript is left"),
    (r"L^{(a)}", "a superscript is an index"),
    (r"L^*", "a superscript is an index"),
    (r"f(T)", "no letter stands for f"),
    (r"T'", "no letter stands for '"),
    (r"|T|", r"no letter stands for \|"),
    (r"a \geq 1/4L", "can be read two ways"),
    (r"8/\mu(a+T)", "can be read two ways"),
    (r"\ln T L", "can be read two ways"),
    (r"a \leq d \leq k", "a chain of 2 relations"),
    (r"\frac{a}{d", "a brace is not closed"),
    (r"(a+d", "cannot parse"),
    (r"a \leq", "nothing stands"),
    (r"\max T", "without brackets"),
    (r"\sum_{r \in S} a", "without explicit bounds"),
    (r"a \approx d", r"no letter stands for \\approx"),
]


@pytest.mark.parametrize(("latex", "meaning"), READINGS)
def test_a_printed_expression_is_read_as_it_is_meant(latex, meaning):
    assert same(parse(latex, LETTERS), meaning)


@pytest.mark.parametrize(("latex", "meaning"), READINGS)
def test_a_slip_in_the_coded_form_shows(latex, meaning):
    assert not same(parse(latex, LETTERS), 2 * meaning)
    assert not same(parse(latex, LETTERS), meaning + Rational(1, 1000))


@pytest.mark.parametrize(("latex", "reason"), MISREADINGS)
def test_what_could_be_misread_is_refused_with_one_reason(latex, reason):
    with pytest.raises(Unparsed, match=reason):
        parse(latex, LETTERS)


@pytest.mark.parametrize(
    ("latex", "op"),
    [(r"a \leq d", "<="), (r"a \stackrel{(a)}{\geq} d \tag{C.1}", ">="), ("a &< d,", "<"), ("a > d", ">"), (r"a = d.", "==")],
)
def test_one_relation_is_kept_as_printed(latex, op):
    assert parse(latex, LETTERS) == Relation(a, op, d)


def test_the_longest_letter_wins_in_any_of_its_spellings():
    c, c_hat, norm = symbols("c c_hat norm", positive=True)
    letters = {"C": c, r"\widehat{C}": c_hat, r"\|\mathbf{x}_{t}\|^2": norm}
    assert parse(r"\hat C C + \hat{C}^2 + \left\| \mathbf{x}_t \right\|_2^2", letters) == c * c_hat + c_hat**2 + norm


def test_a_letter_is_not_found_inside_a_number_or_a_command():
    quotient = Symbol("quotient")
    assert same(parse("1/4L", {"1/4L": quotient}), quotient)
    with pytest.raises(Unparsed, match="two ways"):
        parse("11/4L", LETTERS | {"1/4L": quotient})
    with pytest.raises(Unparsed, match=r"\\alpha"):
        parse(r"\alpha", LETTERS)


def test_a_quantity_may_not_hide_the_index_of_a_sum():
    r, n = Symbol("r", integer=True), Symbol("n", positive=True, integer=True)
    latex = r"\sum_{r=1}^{T} \sigma_r"
    with pytest.raises(Unparsed, match="depends on the index r"):
        parse(latex, {"T": n, r"\sigma_r": Symbol("sigma")})
    sigma = IndexedBase("sigma")
    assert same(parse(latex, {"T": n, "r": r, r"\sigma_r": sigma[r]}), Sum(sigma[r], (r, 1, n)))
    assert not same(parse(latex, {"T": n, "r": r, r"\sigma_r": sigma[r]}), n * sigma[1])


def test_relations_agree_side_by_side_and_may_be_swapped():
    assert same(Relation(a, "<=", 2 * d), Relation(d + d, ">=", a))
    assert same(Relation(a, "==", d), Relation(d, "==", a))
    assert not same(Relation(a, "<=", d), Relation(a, "<", d))
    assert not same(Relation(a, "<=", d), Relation(a, ">=", d))
    assert not same(Relation(a, "<=", d), a)


def test_equality_is_judged_where_both_sides_are_defined():
    measured = Function("m", real=True)
    assert same((sqrt(L) - sqrt(mu)) * (sqrt(L) + sqrt(mu)), L - mu)
    assert same(measured(a) * 2, measured(a) + measured(a))
    assert not same(measured(a), measured(a + 1))
    with pytest.raises(ValueError, match="both defined at 0"):
        same(log(L) * oo, L)


def test_two_symbols_of_one_name_are_an_error():
    with pytest.raises(ValueError, match="two symbols are named L"):
        same(L, Symbol("L"))


TEXT = "\n\nThe bound is $$\\left( a+\n\\gamma \\right)  & \\leq 2\\,b. \\tag{3.2}$$\nThen $a = 1$."


def test_a_formula_is_found_up_to_space_and_bracket_size():
    assert occurs(r"(a + \gamma) \leq 2\,b,", TEXT) == 3
    assert occurs(r"\gamma", TEXT) == 4
    assert occurs(r"a=1", TEXT) == 5


def test_a_formula_that_is_not_printed_is_not_found():
    assert occurs(r"(a + \gamma) \leq 3\,b", TEXT) is None
    assert occurs("g", TEXT) is None
    assert occurs("1.1", TEXT) is None


def test_the_digest_ignores_what_occurs_ignores_and_nothing_else():
    assert digest(r"\left(a+ b\right).") == digest("(a+b)")
    assert digest("(a+b)") != digest("(a+c)")


def test_an_empty_formula_is_refused():
    with pytest.raises(ValueError, match="the formula is empty"):
        occurs(" . ", TEXT)


B = 4 * ((3 * v.mu / 2 + 3 * v.L) * v.C * v.G**2 * v.H**2 / v.gamma**2 + 3 * v.L**2 * v.G**2 * v.H**2)
NOISE = v.sigma_sq_sum / (v.b * v.R**2)
PRINTED = [
    (r"\mathbb{E}\|m_t^{(r)}\|_2^2 \leq 4\frac{\eta_t^2}{\gamma^2}CH^2G^2.",
     Relation(v.memory_sq, "<=", 4 * v.eta_t**2 / v.gamma**2 * v.C * v.H**2 * v.G**2)),
    (r"\frac{1}{R} \sum_{r=1}^R \mathbb{E} \|\widehat{\mathbf{x}}_t - \widehat{\mathbf{x}}_t^{(r)}\|_2^2 \leq 4\eta_t^2 G^2 H^2",
     Relation(v.deviation_sq, "<=", 4 * v.eta_t**2 * v.G**2 * v.H**2)),
    (r"\mathbb{E}[f(\bar{\mathbf{x}}_T)] - f^* \leq \frac{La^3}{4S_T}\|\mathbf{x}_0 - \mathbf{x}^*\|_2^2"
     r" + \frac{8LT(T+2a)}{\mu^2S_T}A + \frac{128LT}{\mu^3S_T}B.",
     Relation(v.output_gap, "<=", v.L * v.a**3 / (4 * v.S_T) * v.start_distance_sq
              + 8 * v.L * v.T * (v.T + 2 * v.a) / (v.mu**2 * v.S_T) * NOISE + 128 * v.L * v.T / (v.mu**3 * v.S_T) * B)),
    (r"\sum_{t=0}^{T-1} \eta_t^2 \leq \frac{\xi^2}{a-1}", Relation(Sum(v.eta_t**2, (v.t, 0, v.T - 1)), "<=", v.xi**2 / (v.a - 1))),
    (r"\eta_t \leq 1/4L", Relation(v.eta_t, "<=", 1 / (4 * v.L))),
]  # fmt: skip


@pytest.mark.parametrize(("latex", "coded"), PRINTED)
def test_the_papers_letters_give_the_vocabulary(latex, coded):
    assert same(parse(latex, notation.letters("qsparse_local_sgd", {"B": B})), coded)


@pytest.mark.parametrize("paper", notation.PAPERS)
def test_every_letter_of_a_paper_says_what_it_is(paper):
    letters = notation.PAPERS[paper]
    assert len({letter.latex for letter in letters}) == len(letters)
    assert all(letter.says and letter.unit is not None for letter in letters)
    assert all(not letter.name or v.QUANTITIES[letter.name].symbol == letter.symbol for letter in letters)


def test_a_claims_own_letter_comes_first_and_an_unknown_paper_is_named():
    assert notation.letters("qsparse_local_sgd", {"A": G})["A"] == G
    with pytest.raises(ValueError, match="paper must be one of local_sgd"):
        notation.letters("no_such_paper")
