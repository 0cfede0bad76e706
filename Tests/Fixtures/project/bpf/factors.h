/* Included by BPF programs alone. */
#ifndef FACTORS_H
#define FACTORS_H

#define ALPHA_FACTOR 3
#define BETA_FACTOR 5

#endif
