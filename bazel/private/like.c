/* Which machine and which ABI the target platform's compiler makes objects for. */
int bpfgen_like;
