"""What Qsparse-local-SGD (Basu 2019) claims, in the order of the paper."""
