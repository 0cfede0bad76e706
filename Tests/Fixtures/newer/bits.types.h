enum mode { MODE_OFF, MODE_ON = 5 };

struct nested {
	int low;
	long long high;
};

/* No kernel has it: libbpf opens it all the same. */
struct bits_ops {
	int (*run)(int);
	unsigned int three : 3;
	unsigned int seven : 7;
	unsigned int : 4;
	unsigned int twenty : 20;
	long long wide;
	char letter;
	short half;
	enum mode mode;
	struct nested nested;
	union {
		int number;
		char text[12];
	} either;
	char name[5];
	struct nested *pointer;
	void (*unset)(void);
	unsigned char one : 1;
	unsigned char five : 5;
	double ratio;
	int row[3];
	unsigned long long forty : 40;
	unsigned long long rest : 24;
	unsigned int low : 3;
	unsigned int : 16;
	unsigned int high : 10;
	char tail;
};
