# Run when setup has written build.ninja: fails where two steps of bpfgen have one depfile. Ninja removes it when the first
# of them ends, and would take the second to depend on nothing.
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
