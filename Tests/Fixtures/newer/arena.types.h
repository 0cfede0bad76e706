struct item {
	long long weight;
	char label;
};
