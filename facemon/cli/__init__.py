"""The command line, one file a command. Importing this is light: typer comes with `main`, and what a command needs
comes when it runs.
"""

from __future__ import annotations


def main() -> None:
    """The console script `facemon`. Ends the process with the command's exit code (`facemon.cli.trouble.Exit`)."""
    from facemon.cli.app import app

    app()
