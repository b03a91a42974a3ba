"""What a scheduled run does around its checks: its slot, the state it keeps, what it shows, and its sign of life."""
