"""What the channel `github_issue` does behind its door: words, markers, requests, and what each event changes."""
