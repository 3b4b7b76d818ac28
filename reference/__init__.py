"""What the papers' algorithms do: operators, problems and listings in plain NumPy, readable next to the paper."""
