/* Compiled at setup: can this compiler do BPF? */
int probe(void) { return 0; }
