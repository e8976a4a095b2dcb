"""Training of the diffusion networks: examples, objectives and the loop, at mini and published scale with one code path.

Needs the extra `train`; importing this package alone imports no torch.
"""
