"""A run: `task` works through examples and goes on after any kill, `editors` make the pictures, `judging` and `vlm` give them values."""
