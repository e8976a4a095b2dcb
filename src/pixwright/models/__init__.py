"""Ready networks for the diffusion systems: from packaged mini weights, or from a folder of published ones, to one value with one shape.

Needs the extra `torch`; importing this package alone imports no torch.
"""
