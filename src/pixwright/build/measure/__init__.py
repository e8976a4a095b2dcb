"""Measure first, decide later: `measures` gives every number of a sample, `select` applies thresholds, `planted` calibrates them."""
