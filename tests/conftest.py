"""What all tests share."""


def pytest_make_parametrize_id(val):
    """Operators, algorithms and hypotheses go by their name: an address would differ between the processes that run the tests."""
    name = getattr(val, "name", None)
    return name if isinstance(name, str) else None
