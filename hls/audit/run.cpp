// Runs the audited design: reads frames of 8-bit pixels from the standard input, writes the scores of each as 64-bit
// integers to the standard output. PROJECT_HEADER, TOP_FUNCTION, N_PIXELS and N_SCORES come from the command line.
#include PROJECT_HEADER

int main() {
    static unsigned char frame[N_PIXELS];
    static input_t pixels[N_PIXELS];
    static result_t scores[N_SCORES];
    while (std::fread(frame, 1, N_PIXELS, stdin) == N_PIXELS) {
        for (unsigned channel = 0; channel < N_PIXELS; channel++) {
            pixels[channel] = input_t(audit::number(static_cast<int>(frame[channel])));
        }
        TOP_FUNCTION(pixels, scores);
        for (unsigned score = 0; score < N_SCORES; score++) {
            const long long value = scores[score].value;
            std::fwrite(&value, sizeof(value), 1, stdout);
        }
    }
    return 0;
}
