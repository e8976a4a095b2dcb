"""Layered scenes with exact truth: `compose` makes one, `geometry` says where each layer lies, `render` (numpy) and `batched` (torch) draw it."""
