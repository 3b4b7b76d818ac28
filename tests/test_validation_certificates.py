"""Files of certificates: what verify saves checks again, without a solver; what was changed, or is about another claim, does not."""

import json

import pytest
import z3

from theory.claim import IMPROVED
from theory.papers import claims
from validation.certificates import replay, save
from validation.verdict import Judged, Verdict

NAMES = (
    "local_sgd/lemma-3.1",
    "dist_ef_sgd/eq-10",
    "dist_ef_sgd/eq-13",
    "dist_ef_sgd/appendix-g/inputs",
    "mdsgd/lemma-7/momentum",
    "qsparse_local_sgd/eq-C.17",
    "local_sgd/eq-34",  # scalar: an identity
    "local_sgd/eq-34/sign",
    "dist_ef_sgd/appendix-g/beta",
    "qprsgd/lemma-12",  # with a minimum, cited and joined
    "mdsgd/lemma-6",  # derived, and nothing but algebra
    "dist_ef_sgd/lemma-1",
    "dist_ef_sgd/eq-11",  # from cited claims
)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder, by_id = tmp_path_factory.mktemp("certificates"), {claim.id: claim for claim in claims()}
    for name in NAMES:
        assert save(judged(by_id[name], "proved"), folder / f"{name}.json")
    return folder


def judged(claim, verdict, cited=None):
    """The claim with that verdict on all its readings, of which nothing was checked; they cite first readings, or improvements."""
    if cited is None:
        by_id = {each.id: each for each in claims()}
        ids = [each for reading in claim.readings if reading.follows for each in reading.follows.cites()]
        cited = {
            each: by_id[each].readings[0].name if each in by_id else by_id[each.removesuffix(IMPROVED)].improvement.name for each in ids
        }
    return Verdict(claim, verdict, "", tuple(Judged(reading, (), verdict) for reading in claim.readings), None, None, (), (), cited)


def test_nothing_is_saved_of_what_is_not_proved_or_rests_on_no_certificate(tmp_path):
    by_id = {claim.id: claim for claim in claims()}
    assert not save(judged(by_id[NAMES[0]], "holds"), tmp_path / "one.json")
    assert not save(judged(by_id["qsparse_local_sgd/eq-A.2"], "proved"), tmp_path / "one.json")  # its certificate is not reached
    assert not save(judged(by_id["dist_ef_sgd/appendix-g/beta"], "proved"), tmp_path / "one.json", steps=False)  # a scalar decision
    assert not save(judged(by_id["local_sgd/sec-2/evaluations"], "proved"), tmp_path / "one.json")  # says nothing that algebra could show
    assert not save(judged(by_id["neighbour/as-published"], "proved"), tmp_path / "one.json")  # roots that algebra does not see through
    assert not save(judged(by_id["dist_ef_sgd/eq-11"], "proved", {}), tmp_path / "one.json")  # of what it cites nothing stands
    assert not save(judged(by_id["dist_ef_sgd/lemma-3"], "proved"), tmp_path / "one.json")  # only cited: that claim has the proof
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", NAMES)
def test_a_saved_certificate_checks_without_a_solver(files, name, monkeypatch):
    monkeypatch.setattr(z3.Solver, "check", lambda *_: pytest.fail("a solver was asked"))
    claim, found = replay(files / f"{name}.json", claims())
    assert claim.id == name
    assert found
    assert all((each.certificates or each.signs is not None) and not each.undecided for each in found)


def test_a_boundary_reached_by_continuity_is_stated(files):
    (reading,) = json.loads((files / "dist_ef_sgd/appendix-g/inputs.json").read_text())["readings"]
    assert reading["boundaries"] == ["gamma = 1 by continuity: a compressor with delta = 1 is one with every smaller delta"]
    assert any("gamma < 1" in certificate["given"] for certificate in reading["certificates"])


def rewritten(files, tmp_path, name, change):
    content = json.loads((files / f"{name}.json").read_text())
    change(content)
    path = tmp_path / "changed.json"
    path.write_text(json.dumps(content))
    return path


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda content: content.update(claim="local_sgd/lemma-3.2"), "none that is stored is about this step"),
        (lambda content: content.update(claim="local_sgd/lemma-9"), "does not exist"),
        (lambda content: content["readings"][0].update(name="other"), "has the readings"),
        (lambda content: content["readings"][0].update(certificates=[]), "none that is stored is about this step"),
        (lambda content: content["readings"][0].update(certificates=[], steps=None), "something else is certified"),
        (lambda content: content.update(readings=[]), "holds no certificate"),
        (lambda content: content.pop("digest"), "must hold exactly"),
        (lambda content: content["readings"][0]["certificates"][0].update(given=[]), "proves nothing"),
        (lambda content: content["readings"][0]["certificates"][0]["letters"].update(mu="real"), "proves nothing"),
    ],
)
def test_a_file_that_proves_something_else_is_refused(files, tmp_path, change, message):
    with pytest.raises(ValueError, match=message):
        replay(rewritten(files, tmp_path, "local_sgd/lemma-3.1", change), claims())


def test_a_true_certificate_of_a_weaker_statement_is_refused(files, tmp_path):
    def doubled(content):  # twice a proved inequality is proved by twice its multipliers, and is not what the claim says
        (certificate,) = content["readings"][0]["certificates"]
        squares = certificate["cases"][0]["squares"]
        for holder, name in [(certificate, "nonnegative"), (certificate, "constant"), *((square, "pivot") for square in squares)]:
            holder[name] = f"2*({holder[name]})"
        for hypothesis in certificate["hypotheses"].values():
            hypothesis["multiplier"] = f"2*({hypothesis['multiplier']})"
        for sign in certificate["signs"]:
            if "is defined" not in sign["shown"]:
                (case,) = sign["cases"]
                numerator, _, denominator = case["number"].partition("/")
                case["number"] = f"{2 * int(numerator)}/{denominator or 1}"

    with pytest.raises(ValueError, match="none that is stored is about this step"):
        replay(rewritten(files, tmp_path, "local_sgd/lemma-3.1", doubled), claims())


def first_reason(content):
    ((_, (signs, *_)), *_) = content["readings"][0]["steps"]["signs"].items()
    return signs[0][0]


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("mdsgd/lemma-7/momentum", lambda content: content["readings"][0]["steps"].update(signs={}), "no stored reason shows it"),
        ("mdsgd/lemma-7/momentum", lambda content: first_reason(content).update(number="7/3"), "no stored reason shows it"),
        ("mdsgd/lemma-7/momentum", lambda content: first_reason(content).pop("factors"), "is no reason"),
        ("dist_ef_sgd/eq-11", lambda content: content["readings"][0]["steps"].update(cites={}), "not said what is taken from"),
        (
            "dist_ef_sgd/eq-11",
            lambda content: content["readings"][0]["steps"]["cites"].update(
                dict.fromkeys(content["readings"][0]["steps"]["cites"], "other")
            ),
            "not said what is taken from",
        ),
        (
            "mdsgd/lemma-7/momentum",
            lambda content: content["readings"][0].update(certificates=[]),
            "none that is stored is about this step",
        ),
        ("mdsgd/lemma-6", lambda content: content.update(claim="mdsgd/eq-10"), "it has no steps"),
    ],
)
def test_a_derivation_without_one_of_its_steps_is_refused(files, tmp_path, name, change, message):
    with pytest.raises(ValueError, match=message):
        replay(rewritten(files, tmp_path, name, change), claims())


def test_what_a_derivation_rests_on_is_said(files):
    _, (checked,) = replay(files / "dist_ef_sgd/eq-11.json", claims())
    assert list(checked.cited) == list(checked.reading.follows.cites())
