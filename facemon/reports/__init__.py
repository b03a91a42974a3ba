"""What people are given to read, made from what the other rooms found out. Everything here is pure."""
