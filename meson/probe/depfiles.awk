# Runs after setup has written build.ninja: fails if two steps of bpfgen have the same depfile. Ninja removes the
# depfile after the first of them, and the second would have no dependencies.
BEGIN {
	ARGV[1] = ENVIRON["MESON_BUILD_ROOT"] "/build.ninja"
	ARGC = 2
}
/^ COMMAND = / && match($0, / --depfile ('[^']*'|[^ ]+)/) {
	depfile = substr($0, RSTART + 11, RLENGTH - 11)
	if (seen[depfile]++ == 1) {
		print "bpfgen: error: two steps have the depfile " depfile ": name each depfile after the first output of its step, with .d at the end" \
			> "/dev/stderr"
		failed = 1
	}
}
END { exit failed }
