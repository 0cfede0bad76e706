/* Its object shows what machine the host compiler builds for. */
int bpfgen_like;
