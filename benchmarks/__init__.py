"""How fast the worker is beside what else one might take, on the same servers and the same input (`make bench`)."""
