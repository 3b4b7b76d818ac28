"""What the papers claim: statements as printed, as data, and the machinery that derives, decides and certifies them."""

PAPERS = ("local_sgd", "mdsgd", "dist_ef_sgd", "qsparse_local_sgd", "qprsgd", "neighbour")
"""Module names of the papers, and of the nearest neighbour beside them, in the order of the design: here, where no import takes long."""
