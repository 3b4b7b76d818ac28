"""Certificates as plain data: all that is needed to check them again, exactly and without a solver.

{"letters", "nonnegative", "given", "hypotheses", "constant", "cases", "signs"}: what is shown nonnegative, under which scalar conditions,
from which hypotheses with which multipliers, and the squares (the exact pivots of L D L^T, each with its row of L^T) that make up the rest.
"signs" has a reason (`theory.signs`) for every multiplier and pivot, in the order of `demands`, or names the solver that decided it. Where
a pivot can vanish, the cases are x > 0 and x = 0, each with squares of its own: the boundary is proved like the interior, and is no limit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sympy
from sympy.core.relational import Relational
from sympy.polys.polyerrors import BasePolynomialError

from theory import signs
from theory.certificate import Case, Certificate, Demand, Square, demands, identities_hold
from theory.spelled import declared, letter, number, read, spell
from theory.vectors import Base, Vector, gram_bases

SOLVER = "z3"
"""Who is named for a sign that no reason was found for."""


class Refused(ValueError):
    """Data that prove nothing: an identity fails, a reason does not show its sign, or it is no certificate at all."""


def as_data(certificate: Certificate, longest: int = signs.LONGEST) -> dict[str, Any]:
    """A proved certificate as JSON. Conditions that cannot be written are left out; signs of longer expressions are left to the solver.

    Raises:
        ValueError: the certificate is not proved.
    """
    if certificate.outcome != "proved":
        raise ValueError(f"only a proved certificate can be stored, got one {certificate.outcome}: {certificate.evidence}")
    given = tuple(part for condition in certificate.given for part in _parts(condition) if _writable(part))
    kept = Certificate(**{**vars(certificate), "given": given})
    written = [kept.slack, *given, *kept.hypotheses.values(), *kept.multipliers.values()]
    letters = {s.name: declared(s) for each in written for s in each.free_symbols if not gram_bases(s)}
    data: dict[str, Any] = {
        "letters": dict(sorted(letters.items())),
        "nonnegative": spell(kept.slack),
        "given": [spell(each) for each in given],
        "hypotheses": {
            name: {
                "expression": spell(expression),
                "is": "zero" if name in kept.equalities else "nonnegative",
                "multiplier": spell(kept.multipliers.get(name, sympy.S.Zero)),
            }
            for name, expression in kept.hypotheses.items()
        },
        "constant": spell(kept.constant),
        "cases": [
            {
                "where": [spell(each) for each in case.condition],
                "squares": [{"pivot": spell(square.weight), "of": _form(square.form)} for square in case.squares],
            }
            for case in kept.cases
        ],
    }
    # of what the text says: read again, a fraction may be written in another way, and its poles be others
    return {**data, "signs": [_sign(each, longest) for each in demands(from_data(data))]}


def from_data(data: Mapping[str, Any]) -> Certificate:
    """The certificate that data state; nothing of it is believed yet.

    Raises:
        Refused: the data are no certificate.
    """
    try:
        letters = {name: letter(name, assumptions) for name, assumptions in data["letters"].items()}
        hypotheses = {name: read(each["expression"], letters) for name, each in data["hypotheses"].items()}
        multipliers = {name: read(each["multiplier"], letters) for name, each in data["hypotheses"].items()}
        equalities = frozenset(name for name, each in data["hypotheses"].items() if each["is"] == "zero")
        if any(each["is"] not in ("zero", "nonnegative") for each in data["hypotheses"].values()):
            raise ValueError("a hypothesis is zero or nonnegative")
        slack, constant = read(data["nonnegative"], letters), read(data["constant"], letters)
        given = tuple(read(each, letters) for each in data["given"])
        cases = tuple(
            Case(
                tuple(read(each, letters) for each in case["where"]),
                tuple(Square(read(each["pivot"], letters), _vector(each["of"], letters)) for each in case["squares"]),
            )
            for case in data["cases"]
        )
    except (KeyError, TypeError, AttributeError, ValueError) as why:
        raise Refused(f"this is no stored certificate: {why}") from None
    return Certificate("proved", "as stored", slack, hypotheses, multipliers, given, equalities, sympy.S.Zero, constant, cases)


def recheck(data: Mapping[str, Any]) -> tuple[str, ...]:
    """Checks a stored certificate by algebra alone; returns what is taken from the solver that is named, nothing if all is shown.

    Raises:
        Refused: with the first thing that does not hold.
    """
    certificate = from_data(data)
    try:
        if not identities_hold(certificate):
            raise Refused("the statement is not the combination of hypotheses and squares that is given")
        asked = list(demands(certificate))
        letters = {name: letter(name, assumptions) for name, assumptions in data["letters"].items()}
        reasons = [_read_sign(each, letters) for each in data["signs"]]
    except (KeyError, TypeError, AttributeError, ValueError, BasePolynomialError) as why:
        raise Refused(str(why)) from None
    if len(asked) != len(reasons):
        raise Refused(f"{len(asked)} signs need a reason, got {len(reasons)}")
    for demand, reason in zip(asked, reasons, strict=True):
        if reason is not None and not signs.shows(reason, demand.expression, demand.kind, demand.given):
            raise Refused(f"the reason given does not show that {demand.what}")
    return tuple(demand.what for demand, reason in zip(asked, reasons, strict=True) if reason is None)


def _parts(condition: Any) -> tuple[Any, ...]:
    return tuple(condition.args) if isinstance(condition, sympy.And) else (condition,)


def _writable(condition: Any) -> bool:
    """Whether a condition is one relation whose text says it again."""
    if not isinstance(condition, Relational):
        return False
    try:
        return bool(read(spell(condition), {s.name: s for s in condition.free_symbols}) == condition)
    except ValueError:
        return False


def _form(form: Vector) -> list[dict[str, str]]:
    return [
        {"vector": base.name, "kind": base.kind, "times": spell(coefficient)}
        for base, coefficient in sorted(form.terms.items(), key=lambda item: item[0])
    ]


def _vector(data: Any, letters: Mapping[str, sympy.Symbol]) -> Vector:
    if any(each["kind"] not in ("shared", "deviation") for each in data):
        raise ValueError("a vector is shared or a deviation")
    return Vector({Base(each["kind"], each["vector"]): read(each["times"], letters) for each in data})


def _sign(demand: Demand, longest: int) -> dict[str, Any]:
    reasons = signs.find(demand.expression, demand.kind, demand.given, longest)
    return {"shown": demand.what, "by": SOLVER} if reasons is None else {"shown": demand.what, "cases": spelled(reasons)}


def spelled(reasons: Sequence[signs.Reason]) -> list[dict[str, Any]]:
    """Reasons as JSON."""
    return [
        {
            "number": str(reason.number),
            "factors": [
                {
                    "of": spell(factor.of),
                    "power": factor.power,
                    "sign": factor.sign,
                    "sum": [[str(weight), [spell(each) for each in product]] for weight, product in factor.terms],
                }
                for factor in reason.factors
            ],
        }
        for reason in reasons
    ]


def _read_sign(data: Mapping[str, Any], letters: Mapping[str, sympy.Symbol]) -> tuple[signs.Reason, ...] | None:
    return None if data.get("by") == SOLVER else reasons_of(data["cases"], letters)


def reasons_of(data: Sequence[Mapping[str, Any]], letters: Mapping[str, sympy.Symbol]) -> tuple[signs.Reason, ...]:
    """The reasons that JSON states. Raises: KeyError, TypeError, ValueError if it states none."""
    return tuple(signs.Reason(number(each["number"]), tuple(_factor(factor, letters) for factor in each["factors"])) for each in data)


def _factor(data: Mapping[str, Any], letters: Mapping[str, sympy.Symbol]) -> signs.Factor:
    terms = tuple((number(weight), tuple(sympy.expand(read(part, letters)) for part in product)) for weight, product in data["sum"])
    return signs.Factor(read(data["of"], letters), int(data["power"]), int(data["sign"]), terms)
