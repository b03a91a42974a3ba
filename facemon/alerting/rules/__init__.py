"""When a promise counts as broken, and when as kept again: pure, from the outcomes of generations, oldest first."""
