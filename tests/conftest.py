"""What all tests share."""

import os

from hypothesis import settings

settings.register_profile("any machine", deadline=None)  # an example that waits for a taken core is not wrong
settings.load_profile("any machine")

if "PYTEST_XDIST_WORKER" in os.environ:  # a process a core: threads of torch that wait for each other on taken cores wait for long
    os.environ.setdefault("OMP_NUM_THREADS", "1")


def pytest_make_parametrize_id(val):
    """Operators, algorithms and hypotheses go by their name: an address would differ between the processes that run the tests."""
    name = getattr(val, "name", None)
    return name if isinstance(name, str) else None
