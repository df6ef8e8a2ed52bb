"""What Tarmac costs, measured beside its peers: a generator of repositories, a stopwatch, a page of figures."""
