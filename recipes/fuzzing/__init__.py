"""Fuzzing: `run` changes inputs and keeps what is new, `targets` gives them to the program, `mutate` changes bytes and texts."""
