"""Diffusion networks, guidance and samplers in torch: what diffusers' networks and schedulers lack.

Nothing here knows an instruction, a path or a model's name. torch and diffusers come with the extra `torch`; importing this package alone
imports neither.
"""
