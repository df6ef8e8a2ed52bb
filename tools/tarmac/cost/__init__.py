"""What requests cost, and what a team's budget says to it."""
