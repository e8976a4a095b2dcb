"""Training of the tagger of instructions: labelled rows and their variations (`samples`), the network (`network`), and the loss and loop (`fit`)."""
