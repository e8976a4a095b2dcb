"""What is measured: `named` finds a metric by name, `contract` says what one is, `score` runs them over a `batch`; `backbones` loads the networks."""
