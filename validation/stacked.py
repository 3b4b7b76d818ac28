"""PEPit's interface to cvxpy with all inequalities in one: cvxpy takes milliseconds over each constraint, and programmes have a hundred."""

from __future__ import annotations

from typing import Any

import cvxpy
import numpy as np
from PEPit.constraint import Constraint
from PEPit.expression import Expression
from PEPit.tools.expressions_to_matrices import expression_to_matrices
from PEPit.wrappers import WRAPPERS
from PEPit.wrappers.cvxpy_wrapper import CvxpyWrapper

DECIDED = (cvxpy.OPTIMAL, cvxpy.INFEASIBLE, cvxpy.UNBOUNDED)
"""What a solver that succeeds may say."""
NAME = "stacked"
"""For `PEP.solve(wrapper=NAME, safe_mode=False)`."""


class Stacked(CvxpyWrapper):  # type: ignore[misc]
    """What PEPit asks of a solver; no matrices but the Gram matrix are constrained to be positive semidefinite."""

    def send_constraint_to_solver(self, constraint: Constraint) -> None:
        """Keeps it for `generate_problem`. Raises: ValueError for an equality."""
        if constraint.equality_or_inequality != "inequality":
            raise ValueError(f"a constraint must be an inequality, got the {constraint.equality_or_inequality} {constraint.get_name()}")
        self._list_of_constraints_sent_to_solver.append(constraint)

    def generate_problem(self, objective: Expression) -> Any:
        """The programme, its inequalities together, [constraints]."""
        sent = [expression_to_matrices(constraint.expression) for constraint in self._list_of_constraints_sent_to_solver]
        of_gram, of_values, constants = (np.array(each) for each in zip(*sent, strict=True))
        products = of_gram.reshape(len(sent), -1) @ cvxpy.vec(self.G, order="C")
        self._list_of_solver_constraints.append(products + of_values @ self.F + constants <= 0)
        return super().generate_problem(objective)

    def solve(self, **options: Any) -> tuple[str, str, float]:
        """What the solver says, of the first of `accuracies` at which it succeeds; the programme is compiled once for all of them.

        Raises: cvxpy.error.SolverError where it fails at the last.
        """
        for accuracy in (accuracies := options.pop("accuracies")):
            stop = dict.fromkeys(("tol_gap_abs", "tol_gap_rel", "tol_feas"), accuracy)
            try:
                found = super().solve(**options, **stop)
            except cvxpy.error.SolverError:
                if accuracy == accuracies[-1]:
                    raise
                continue
            if found[0] in DECIDED:
                break
        return found  # type: ignore[no-any-return]

    def _recover_dual_values(self) -> tuple[list[Any], np.ndarray]:
        residual, multipliers = (constraint.dual_value for constraint in self.prob.constraints)
        return [residual, *multipliers], residual


WRAPPERS[NAME] = Stacked
