"""What the papers claim: statements as printed, as data, and the machinery that derives, decides and certifies them."""
