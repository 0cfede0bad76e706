struct beta;

void report(const struct beta &skel);
