"""Evaluation: metrics with their descriptions, over batches of cases. Published backbones where they are there, named stand-ins elsewhere."""
