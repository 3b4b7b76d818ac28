"""The arenas of one-step arguments: concrete functions, points and vectors for statements in inner products and function values.

A scene is explicit: functions with piecewise linear derivatives, points and letters, under exactly the names of `theory.scenes`. The search
runs thousands of scenes at once in floats, drawn at L = 1 and then moved along the orbit x -> c x, f -> s f, which no statement about all
problems can feel. A break counts only when the scene, written in rationals, breaks the relation again and meets every hypothesis.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import Any, NamedTuple

import numpy as np
import sympy as sp

from theory.claim import Reading, Relation
from theory.scenes import FUNCTION_VALUES, STEP_VALUES
from theory.vectors import Base, gram_bases
from validation.attack import Attack, Effort, Instance, Replay, generator, register
from validation.hypotheses import Case, Judgement, Pieces, judge
from validation.letters import replayed
from validation.quantities import NotMeasured, evaluate, holds, sides

Arrays = dict[str, np.ndarray]
VALUES = frozenset(symbol.name for symbol in (*STEP_VALUES, *FUNCTION_VALUES))


class Scene(NamedTuple):
    """N concrete cases: functions [N, R, d] (none for bare vectors), points [N, d] or [N, R, d], letters [N]."""

    functions: Pieces | None
    points: Arrays
    letters: Arrays


# ---- what is measured in a scene ----


def measure(relation: Relation, scene: Scene) -> Arrays:
    """Every symbol of a relation in each of the N cases: inner products by their Gram names, values, letters; [N], exact for Fractions."""
    vectors, values = seen(scene)
    found = {**scene.letters, **values}
    for symbol in relation.symbols:
        if (bases := gram_bases(symbol)) is not None:
            left, right = (_rows(base, vectors) for base in bases)
            found[symbol.name] = _average((left * right).sum(-1), 1)
    return found


def seen(scene: Scene) -> tuple[Arrays, Arrays]:
    """The vectors and the function values of a scene, under the names of `theory.scenes`."""
    functions, points, letters = scene
    if functions is None:
        return points, {}
    f = functions.mean()
    if "x_tilde" not in points:
        x, y = points["x"], points["y"]
        g_x, g_y = _gradient(f, x), _gradient(f, y)
        values = {"f(x)": f.value(x), "f(y)": f.value(y), "f(x*)": f.value(x * 0)}
        if "shift" in letters:
            values["f(x - g/c)"] = f.value(x + letters["shift"][:, None] * (g_x - g_y))
        if "mixing" in letters:
            mixing = letters["mixing"][:, None]
            values["f(mixed)"] = f.value(mixing * x + (1 - mixing) * y)
        return {**points, "g_x": g_x, "g_y": g_y}, values
    x_tilde, x_hat, noise = points["x_tilde"], points["x_hat"], points["noise"]
    everywhere = Pieces(*(each[:, None] for each in f))
    g_hat, at_tilde = functions.gradient(x_hat), np.broadcast_to(x_tilde[:, None], x_hat.shape)
    after = x_tilde - letters["eta"][:, None] * (_average(g_hat, 1) + noise)
    found = {
        "g_hat": g_hat,
        "g_tilde": functions.gradient(at_tilde),
        "g_star": functions.gradient(x_hat * 0),
        "mean_g_hat": everywhere.gradient(x_hat),
        "g_at_mean": functions.gradient(np.broadcast_to(_average(x_hat, 1)[:, None], x_hat.shape)),
    }
    values = {
        "f(x_tilde)": f.value(x_tilde),
        "f(x_hat)": f.value(_average(x_hat, 1)),
        "f(x_star)": f.value(x_tilde * 0),
        "mean f_r(x_hat_r)": _average(functions.value(x_hat), 1),
        "f(x_tilde - eta p)": f.value(after),
        "E f(x_hat - eta p)": f.value(_average(x_hat, 1) - x_tilde + after),
        "E f(x_tilde - eta p)": f.value(after),  # see `_step`: the noise has a coordinate of its own, on which f is even
    }
    return {**points, **found}, values


def _gradient(f: Pieces, x: np.ndarray) -> np.ndarray:
    """The gradient [N, d] of functions [N, d] at x [N, d]; in floats 0 where it is only round-off, which at a minimiser is all there is."""
    found = f.gradient(x)
    if found.dtype == object:
        return found
    reach = np.abs(f.slope) + np.abs(f.curvature * x) + np.abs(f.bends * (x[..., None] - f.knots)).sum(-1)
    return np.where(np.abs(found) <= 64 * np.finfo(float).eps * reach, 0, found)


def _rows(base: Base, vectors: Arrays) -> np.ndarray:
    """[N, 1, d] for a shared vector or a mean, [N, R, d] for deviations from the mean."""
    name = base.name.removeprefix("mean ")
    if name not in vectors:
        raise NotMeasured(f"the vector {name!r} is not part of this scene")
    values = vectors[name]
    if values.ndim == 2:
        return values[:, None]
    mean = _average(values, 1)[:, None]
    if values.dtype != object:  # what cancels between the workers to round-off is 0: else it is all that a trivial scene has to compare
        mean = np.where(np.abs(mean) <= 64 * np.finfo(float).eps * np.abs(values).max(1, keepdims=True), 0, mean)
    return mean if base.kind == "shared" else values - mean


def _average(values: np.ndarray, axis: int) -> np.ndarray:
    count = values.shape[axis]
    return values.sum(axis) / (Fraction(count) if values.dtype == object else count)


# ---- drawing scenes: numbers in plain ranges, from which a scene is made in floats or in rationals ----

STEPS = tuple(map(Fraction, ("1/2", "1/4", "1/8", "1/100", "1", "2")))  # eta L
FLATNESS = tuple(map(Fraction, ("1", "1/2", "1/10", "1/100")))  # mu / L
LETTERS = tuple(map(Fraction, ("1", "1/2", "1/10", "9/10", "2", "10", "1000")))  # any other letter
DECADES = 6  # of the orbit, in both directions
ROUND_OFF = 1e-9  # a violation this small beside its terms is not taken for one
GRIDS = (1, 2, 4, 12, 100, 10**4, 10**7)  # denominators at which a witness is tried, the plainest first
DIGITS = 12  # with which the nearest scene is written: small numbers are what some are near by
NEIGHBOURS = 16


@dataclass(frozen=True)
class Asked:
    """What a reading asks of its scenes."""

    names: frozenset[str]  # of the hypotheses
    least: Fraction  # curvature over L, least and largest
    largest: Fraction
    convexity: bool  # the least curvature is mu instead
    minimiser: bool
    identical: bool
    free_noise: bool
    shift: sp.Expr | None
    y_is_minimiser: bool


def _asked(reading: Reading) -> Asked:
    assert reading.relation is not None
    names = frozenset(hypothesis.name for hypothesis in reading.given)
    symbols = {symbol.name for symbol in reading.relation.symbols}
    smooth, one_sided = "smooth" in names, "one_sided_smooth" in names
    return Asked(
        names,
        least=Fraction(0) if "convex" in names else Fraction(-1) if smooth else Fraction(-4),
        largest=Fraction(1) if smooth or one_sided else Fraction(4),
        convexity="strongly_convex" in names,
        minimiser="minimiser" in names
        or reading.setting.get("y") == "x*"
        or bool(symbols & {"f(x_star)", "f(x*)"})
        or any("g_star" in name for name in symbols),
        identical=bool(reading.setting.get("identical", False)),
        free_noise="f(x_tilde - eta p)" in symbols,
        shift=reading.setting.get("shift"),
        y_is_minimiser=reading.setting.get("y") == "x*",
    )


def _letters(reading: Reading, workers: int, rng: np.random.Generator) -> list[dict[str, Fraction]]:
    """Values of the letters, at L = 1, that meet the scalar hypotheses: every edge, and combinations at random."""
    assert reading.relation is not None
    conditions = reading.conditions
    mentioned = reading.relation.symbols.union(*(condition.free_symbols for condition in conditions))
    own = {"L", "mu", "eta", "workers", "batch", "sigma_sq_sum", "sigma_max", "n", "t"} | VALUES
    others = sorted(symbol.name for symbol in mentioned if symbol.name not in own and gram_bases(symbol) is None)
    found = []
    for mu, eta in ((mu, eta) for mu in FLATNESS for eta in STEPS):
        for _ in range(4):
            free = {name: LETTERS[int(rng.integers(len(LETTERS)))] for name in others}
            batch = Fraction(int(rng.integers(1, 4)))
            letters = {"L": Fraction(1), "mu": mu, "eta": eta, "workers": Fraction(workers), "n": Fraction(workers), "batch": batch, **free}
            stated = _stated({name: np.array([value], dtype=object) for name, value in letters.items()})
            if all(holds(condition, stated) for condition in conditions):
                found.append(letters)
    return found


def _stated(letters: Arrays) -> Arrays:
    """The letters, and the step size under both its names."""
    return {**letters, "eta_t": letters["eta"][:, None]} if "eta" in letters else letters


class Draws(NamedTuple):
    """N scenes before they are made: plain numbers by name, letters at L = 1, decades (of x, of f) along the orbit [N, 2]."""

    numbers: Arrays
    letters: Arrays
    decades: np.ndarray

    def take(self, rows: Any) -> Draws:
        return self._each(lambda name, values: values[rows], self.decades[rows])

    def join(self, other: Draws) -> Draws:
        theirs = {**other.numbers, **other.letters}
        return self._each(lambda name, values: np.concatenate([values, theirs[name]]), np.concatenate([self.decades, other.decades]))

    def _each(self, change: Callable[[str, np.ndarray], np.ndarray], decades: np.ndarray) -> Draws:
        numbers, letters = ({name: change(name, values) for name, values in given.items()} for given in (self.numbers, self.letters))
        return Draws(numbers, letters, decades)


Draw = Callable[[np.random.Generator, tuple[int, ...]], np.ndarray]


def _share(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Numbers in [0, 1], the ends most often."""
    return np.where(rng.random(shape) < 0.7, rng.integers(0, 2, shape), rng.random(shape))


def _signed(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Numbers around 0: mostly -1, 0, 1, else normal ones of any size."""
    sizes = 10.0 ** rng.uniform(-2, 1, shape)
    return np.where(rng.random(shape) < 0.6, rng.integers(-1, 2, shape), rng.standard_normal(shape) * sizes)


_FUNCTIONS: dict[str, tuple[str, Draw]] = {
    "slope": ("Rd", _signed), "left": ("Rd", _share), "right": ("Rd", _share), "knot": ("Rd", _signed)
}  # fmt: skip


def _functions(asked: Asked, numbers: Arrays, letters: Arrays) -> Pieces:
    """Functions whose curvature, in the range that is asked for, changes at one knot of each coordinate; if asked, f is stationary at 0."""
    if asked.identical:
        numbers = {**numbers, **{name: np.broadcast_to(numbers[name][:, :1], numbers[name].shape) for name in _FUNCTIONS}}
    exact = numbers["left"].dtype == object
    bottom, largest = (bound if exact else float(bound) for bound in (asked.least, asked.largest))
    least: Any = letters["mu"][:, None, None] if asked.convexity else bottom
    left, right = (least + (largest - least) * numbers[side] for side in ("left", "right"))
    slope, knot, bend = numbers["slope"], numbers["knot"], right - left
    if asked.minimiser:  # in this order, so that the gradient of a single function at 0 is 0 in floats too
        slope = slope - _average(slope, 1)[:, None] - bend * np.maximum(-knot, 0)
    return Pieces(slope, left, knot[..., None], bend[..., None])


def _step(asked: Asked, numbers: Arrays, letters: Arrays) -> Scene:
    """A step: unless the noise is meant draw by draw, it has the last coordinate for itself, so that it is orthogonal to all else,
    and f, even in that coordinate, has the same value for the noise and for its opposite: the two together have mean zero."""
    points = {name: numbers[name] for name in ("x_tilde", "x_hat", "noise")}
    if not asked.free_noise:
        main = np.arange(numbers["noise"].shape[-1]) < numbers["noise"].shape[-1] - 1
        points = {name: v * (~main if name == "noise" else main) for name, v in points.items()}
        numbers = {**numbers, "slope": numbers["slope"] * main, "right": np.where(main, numbers["right"], numbers["left"])}
    R, b = (letters[name] for name in ("workers", "batch"))
    total = b * R**2 * (points["noise"] ** 2).sum(-1)
    letters = {**letters, "sigma_sq_sum": total, "sigma_max": total + 1}
    return Scene(_functions(asked, numbers, letters), points, letters)


def _function(asked: Asked, numbers: Arrays, letters: Arrays) -> Scene:
    shift = {} if asked.shift is None else {"shift": evaluate(asked.shift, letters)[:, 0]}
    points = {"x": numbers["x"], "y": numbers["y"] * (0 if asked.y_is_minimiser else 1)}
    return Scene(_functions(asked, numbers, letters), points, {**letters, **shift})


def _vectors(asked: Asked, numbers: Arrays, letters: Arrays) -> Scene:
    return Scene(None, dict(numbers), letters)


def _moved(scene: Scene, position: Any, loss: Any) -> Scene:
    """The scene after x -> position * x and f -> loss * f: [N] factors; every letter by its unit."""
    c, s = position, loss

    def by(values: np.ndarray, factor: Any) -> np.ndarray:
        return values * np.reshape(factor, (-1,) + (1,) * (values.ndim - 1))

    f = scene.functions
    if f is not None:
        f = Pieces(by(f.slope, s / c), by(f.curvature, s / c**2), by(f.knots, c), by(f.bends, s / c**2))
    points = {name: by(v, s / c if name == "noise" else c) for name, v in scene.points.items()}
    curvature = s / c**2
    powers = {"L": curvature, "mu": curvature, "shift": 1 / curvature, "eta": 1 / curvature}
    powers |= {"sigma_sq_sum": (s / c) ** 2, "sigma_max": s / c}
    return Scene(f, points, {name: v * powers.get(name, 1) for name, v in scene.letters.items()})


# ---- the arena ----


class SceneArena:
    """Statements about `step` (one iteration, several workers), `function` (one function, two points) or `vectors` (no function).

    `reading.setting`: `identical`, all workers have the same function; `shift`, the c, in letters, of f(x + c (grad f(x) - grad f(y)));
    `y`, if "x*", puts y at the minimiser.
    """

    def __init__(
        self, name: str, drawn: Mapping[str, tuple[str, Draw]], workers: tuple[int, ...], make: Callable[[Asked, Arrays, Arrays], Scene]
    ) -> None:
        self.name, self.drawn, self.workers, self.make = name, drawn, workers, make

    def attack(self, reading: Reading, effort: Effort, seed: int) -> Attack:
        """Thousands of scenes, then an ascent from the worst of them, for each number of workers."""
        relation = reading.relation
        assert relation is not None
        asked, objective = _asked(reading), _Objective(relation)
        rng = generator(seed, self.name, reading.name, relation)
        worst, tried, near_by = 0.0, 0, []
        for workers in self.workers:  # few first: they make the plainer witness
            draws = self._draws(reading, workers, 8 * effort.starts, rng)
            if draws is None:
                continue
            scores, ratios = objective(self._scenes(asked, draws), asked)
            tried += len(scores)
            for distance in np.geomspace(0.5, 1e-3, 4 * effort.iterations):
                best = _best(scores, ratios)
                near = self._near(draws.take(np.repeat(best, NEIGHBOURS)), distance, rng)
                draws = draws.take(best).join(near)
                near_scores, near_ratios = objective(self._scenes(asked, near), asked)
                scores, ratios = np.concatenate([scores[best], near_scores]), np.concatenate([ratios[best], near_ratios])
                tried += len(near_scores)
            worst = max(worst, float(ratios.max()))
            near_by += [draws.take([row]) for row in dict.fromkeys(_best(scores, ratios).tolist())]
            beyond = -ROUND_OFF if relation.op in ("<", ">") else ROUND_OFF
            for row in np.argsort(-scores, kind="stable")[:8]:
                if scores[row] <= beyond:
                    break
                found = self._witness(reading, asked, draws.take([row]))
                if found is not None:
                    replay = self.replay(reading, found)
                    said = f"{float(replay.lhs):.6g} {relation.op} {float(replay.rhs):.6g} is false"
                    ratio = float(sides(relation, measure(relation, _read(found))).ratios[0, 0])
                    return Attack("broken", max(ratio, worst), tried, said + (f", {workers} workers" if workers > 1 else ""), found)
        if not tried:
            return Attack("no instance", None, 0, "no letters of this arena meet the hypotheses")
        exact = [self._exact(asked, *_rounded_draws(draw, None), draw.decades[0]) for draw in near_by]
        nearest = max(exact, key=lambda each: sides(relation, measure(relation, _read(each))).ratios[0, 0], default=None)
        return Attack("not broken", min(worst, 1.0), tried, f"largest ratio of {tried} scenes", nearest=nearest)

    def replay(self, reading: Reading, instance: Instance) -> Replay:
        """Both sides of the relation in a scene of rationals, and each hypothesis judged on its functions and letters.

        Raises:
            ValueError: the instance is no scene of this arena.
        """
        assert reading.relation is not None
        scene = self._checked(_read(instance), _asked(reading))
        return replayed(reading, measure(reading.relation, scene), _judged(reading, scene))

    def _checked(self, scene: Scene, asked: Asked) -> Scene:
        """The scene, if its parts fit together; what follows from other letters is computed, not believed."""
        needed = [name for name in self.drawn if name not in _FUNCTIONS]
        if set(scene.points) != set(needed) or (scene.functions is None) != (self.drawn.keys().isdisjoint(_FUNCTIONS)):
            raise ValueError(f"a scene of the {self.name} arena needs {', '.join(self.drawn)}, got the points {', '.join(scene.points)}")
        counts = {name: values.shape[1] for name, values in scene.points.items() if values.ndim == 3}
        counts |= {} if scene.functions is None else {"functions": scene.functions.slope.shape[1]}
        for name, count in counts.items():
            if scene.letters["workers"][0] != count or scene.letters["n"][0] != count:
                raise ValueError(f"{name} must be as many as workers = n = {scene.letters['workers'][0]}, got {count}")
        return (
            scene if asked.shift is None else scene._replace(letters={**scene.letters, "shift": evaluate(asked.shift, scene.letters)[:, 0]})
        )

    def _draws(self, reading: Reading, workers: int, count: int, rng: np.random.Generator) -> Draws | None:
        choices = _letters(reading, workers, rng)
        if not choices:
            return None
        axes = {"R": workers, "d": 3}
        numbers = {name: draw(rng, (count, *(axes[axis] for axis in shape))) for name, (shape, draw) in self.drawn.items()}
        rows = rng.integers(0, len(choices), count)
        letters = {name: np.array([float(choices[row][name]) for row in rows]) for name in choices[0]}
        decades = np.where(rng.random((count, 1)) < 0.5, 0, rng.integers(-DECADES, DECADES + 1, (count, 2)))
        return Draws(numbers, letters, decades)

    def _near(self, draws: Draws, distance: float, rng: np.random.Generator) -> Draws:
        """Some of the numbers of each scene moved, within their ranges."""
        moved = {}
        for name, values in draws.numbers.items():
            step = distance * rng.standard_normal(values.shape) * np.maximum(np.abs(values), 0.1)
            to = np.where(rng.random(values.shape) < 0.3, values + step, values)
            moved[name] = np.clip(to, 0, 1) if self.drawn[name][1] is _share else to
        return draws._replace(numbers=moved)

    def _scenes(self, asked: Asked, draws: Draws) -> Scene:
        position, loss = (10.0 ** draws.decades[:, i] for i in (0, 1))
        return _moved(self.make(asked, draws.numbers, draws.letters), position, loss)

    def _exact(self, asked: Asked, numbers: Arrays, letters: Arrays, decades: Any) -> Instance:
        position, loss = (np.array([Fraction(10) ** int(power)], dtype=object) for power in decades)
        return _written(_moved(self.make(asked, numbers, letters), position, loss))

    def _witness(self, reading: Reading, asked: Asked, draws: Draws) -> Instance | None:
        """The first scene in ever finer rationals that breaks the reading, made plainer: each number that may be 0 is."""

        def breaking(numbers: Arrays, decades: np.ndarray) -> Instance | None:
            instance = self._exact(asked, numbers, letters, decades)
            return instance if self.replay(reading, instance).broken else None

        for grid, decades in product(GRIDS, ([0, 0], draws.decades[0])):
            numbers, letters = _rounded_draws(draws, grid)
            found = breaking(numbers, decades)
            if found is None:
                continue
            for name, at in [(name, at) for name, values in numbers.items() for at in np.ndindex(values.shape) if values[at] != 0]:
                kept, numbers[name][at] = numbers[name][at], Fraction(0)
                plainer = breaking(numbers, decades)
                if plainer is None:
                    numbers[name][at] = kept
                found = plainer or found
            return found
        return None


def _best(scores: np.ndarray, ratios: np.ndarray) -> np.ndarray:
    """The rows to go on from: half by how far they violate, half by ratio, as terms that cancel hide from the first what is near."""
    within = np.where(ratios <= 1 + ROUND_OFF, ratios, 0)
    by_score, by_ratio = (np.argsort(-values, kind="stable")[: NEIGHBOURS // 2] for values in (scores, within))
    return np.concatenate([by_score, by_ratio])


def _rounded_draws(draws: Draws, grid: int | None) -> tuple[Arrays, Arrays]:
    """The numbers of a single draw in rationals, of this denominator or else of `DIGITS` digits, and its letters."""
    numbers = {name: _rounded(values, grid) for name, values in draws.numbers.items()}
    return numbers, {name: _rounded(values, 1000) for name, values in draws.letters.items()}


def _rounded(values: np.ndarray, grid: int | None) -> np.ndarray:
    def rational(value: float) -> Fraction:
        return Fraction(f"{value:.{DIGITS}g}") if grid is None else Fraction(round(value * grid), grid)

    return np.asarray(np.frompyfunc(rational, 1, 1)(values), dtype=object)


class _Objective:
    """How far a batch of scenes violates a relation, beside the size of its terms, and the ratio of its sides.

    -1 and 0 where 0 does not minimise f but should, and where all terms vanish, so that the search does not settle on nothing.
    """

    def __init__(self, relation: Relation) -> None:
        self.relation = relation
        small, large = (relation.rhs, relation.lhs) if relation.op in (">=", ">") else (relation.lhs, relation.rhs)
        terms = [*sp.Add.make_args(sp.expand(large)), *sp.Add.make_args(sp.expand(-small))]
        self.symbols = sorted(relation.symbols, key=lambda symbol: symbol.name)
        self.terms = sp.lambdify(self.symbols, terms, "numpy", cse=True)

    def __call__(self, scene: Scene, asked: Asked) -> tuple[np.ndarray, np.ndarray]:
        measured = measure(self.relation, scene)
        count = len(next(iter(scene.letters.values())))
        values = self.terms(*(measured[symbol.name] for symbol in self.symbols))
        terms = np.stack([np.broadcast_to(np.asarray(value, dtype=float), (count,)) for value in values])
        size, slack = np.abs(terms).sum(0), terms.sum(0)
        scores = (np.abs(slack) if self.relation.op == "==" else -slack) / np.where(size == 0, 1, size)
        both = sides(self.relation, measured)
        certain = np.abs(both.large[:, 0]) > ROUND_OFF * size  # else the bound is round-off
        ratios = np.where(certain, both.ratios[:, 0], 0)
        valid = size > 0
        if asked.minimiser and not asked.convexity and asked.least < 0:
            valid &= _minimised(scene)
        return np.where(valid, scores, -1), np.where(valid, ratios, 0)


def _minimised(scene: Scene) -> np.ndarray:
    """Where 0 minimises the mean function, [N]."""
    assert scene.functions is not None
    f = scene.functions.mean()
    zero = f.slope * 0
    return f.bounded_below() & (f.value(zero) <= f.value(f.least())) & (f.gradient(zero) == 0).all(-1)


# ---- exact instances ----


def _written(scene: Scene) -> Instance:
    """A scene of one case as JSON: letters as "p/q", arrays as nested lists of these."""
    spelled = np.frompyfunc(str, 1, 1)
    functions = {} if scene.functions is None else {"functions": {n: spelled(v[0]).tolist() for n, v in scene.functions._asdict().items()}}
    points = {name: spelled(values[0]).tolist() for name, values in scene.points.items()}
    return {"letters": {name: str(values[0]) for name, values in scene.letters.items()}, "points": points, **functions}


def _read(instance: Instance) -> Scene:
    def exact(values: Any) -> np.ndarray:
        return np.asarray(np.frompyfunc(Fraction, 1, 1)(np.array([values], dtype=object)), dtype=object)

    try:
        functions = {name: exact(values) for name, values in instance["functions"].items()} if "functions" in instance else None
        points = {name: exact(values) for name, values in instance["points"].items()}
        letters = {name: exact(value) for name, value in instance["letters"].items()}
        return Scene(None if functions is None else Pieces(**functions), points, letters)
    except (KeyError, TypeError, ValueError) as why:
        raise ValueError(f"a scene needs letters, points and (but for bare vectors) functions, all in rationals 'p/q': {why}") from why


def _judged(reading: Reading, scene: Scene) -> dict[str, Judgement]:
    """Every hypothesis of a reading on one exact scene, and what its symbols imply: the origin x* minimises f; noise keeps to itself."""
    functions = None if scene.functions is None else Pieces(*(each[0] for each in scene.functions))
    noise = (scene.points["noise"][0] ** 2).sum() if "noise" in scene.points else Fraction(0)
    R, b = (scene.letters[name][0] for name in ("workers", "batch"))
    one_worker = [b * R * noise] * int(R)  # the variance of one sample, alike at all workers, whose mean has variance ||noise||^2
    case = Case(_stated(scene.letters), (), (), (), [[each] for each in one_worker], one_worker, functions)
    judged = judge(reading.given, case)
    asked = _asked(reading)
    if asked.minimiser:
        met = scene.functions is not None and bool(_minimised(scene)[0])
        judged["minimiser"] = (met, f"x* = 0 {'minimises' if met else 'does not minimise'} f")
    if "noise" in scene.points and not asked.free_noise and functions is not None:
        own = scene.points["noise"][0] != 0
        rest = (scene.points["x_tilde"], scene.points["x_hat"], functions.slope, functions.bends[..., 0])
        met = not any((each[..., own] != 0).any() for each in rest)
        judged["mean zero noise"] = (
            met,
            "noise and its opposite, each half the time, are orthogonal to all else and leave f the same value",
        )
    return judged


register(SceneArena("step", {**_FUNCTIONS, "x_tilde": ("d", _signed), "x_hat": ("Rd", _signed), "noise": ("d", _signed)}, (1, 2, 3), _step))
register(SceneArena("function", {**_FUNCTIONS, "x": ("d", _signed), "y": ("d", _signed)}, (1,), _function))
register(SceneArena("vectors", {"u": ("d", _signed), "v": ("d", _signed), "u_i": ("Rd", _signed)}, (1, 2, 3, 5), _vectors))
