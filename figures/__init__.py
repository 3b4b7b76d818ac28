"""The papers' figures and tables, computed anew."""
