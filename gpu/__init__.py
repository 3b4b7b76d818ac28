"""The twins of the reference in torch: batched over instances, seeds and workers, and training at scale."""
