/* The version of a snapshot; empty in a release and in a build by hand. */
const char *cversion_snapshot(void);
