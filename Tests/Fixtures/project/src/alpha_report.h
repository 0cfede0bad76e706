struct alpha;

void alpha_report(const struct alpha *skel);
