"""What is done to latents beside the network: predictions joined to one (`mixing`), and whether they are a picture at all (`coherence`)."""
