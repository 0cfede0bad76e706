# Runs after setup has written build.ninja: writes the include folders of probe_like.c in the library "headers" to
# ARGV[1], a response file for clang, unless the file already has them.
BEGIN {
	output = ENVIRON["MESON_BUILD_ROOT"] "/" ARGV[1]
	ARGV[1] = ENVIRON["MESON_BUILD_ROOT"] "/build.ninja"
}
/^build / { is_ours = index($0, "libheaders.a.p/probe_like.c.o:") > 0 }
is_ours && /^ ARGS = / {
	split_words(substr($0, 9))
	for (i = 1; i <= count; i++) {
		if (match(words[i], /^-(I|isystem|idirafter)/) && words[i] !~ /libheaders\.a\.p$/) {
			folder = substr(words[i], RLENGTH + 1)
			if (folder == "")
				folder = words[++i]
			gsub(/[\\"]/, "\\\\&", folder)
			text = text "-isystem \"" folder "\"\n"
		}
	}
	is_ours = 0
}
END {
	while ((getline line < output) > 0)
		before = before line "\n"
	close(output)
	if (text != before || text == "")
		printf "%s", text > output
}
# Splits a command in a Ninja value into `words`, and sets `count`: `$` before a character is Ninja's escape, quotes are
# the shell's.
function split_words(line,    i, c, quote, word, is_word) {
	count = 0
	for (i = 1; i <= length(line); i++) {
		c = substr(line, i, 1)
		if (c == "$")
			c = substr(line, ++i, 1)
		if (quote == "" && (c == "'" || c == "\"")) {
			quote = c
			is_word = 1
		} else if (c == quote) {
			quote = ""
		} else if (quote == "" && c == " ") {
			if (is_word)
				words[++count] = word
			word = ""
			is_word = 0
		} else {
			word = word c
			is_word = 1
		}
	}
	if (is_word)
		words[++count] = word
}
