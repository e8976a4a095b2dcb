"""The command line, thin: `app` has the commands, `build`, `evaluate` and `study` their sub-commands. Bodies are imported when they run."""
