// Runs frames through the network that GHDL made of Spiker+'s VHDL and prints the cycles of each. spikes.mem has a row of inputs a time
// step, frame after frame. A row is shown until the network samples the next; a frame ends when it is ready again.
// Invariant: every frame takes STEPS rows, no more and no fewer.
module spiker_bench;
    parameter INPUTS = 784;
    parameter OUTPUTS = 10;
    parameter STEPS = 100;
    parameter FRAMES = 2;
    parameter MOST_CYCLES = 10000000;

    reg clk, rst_n, start;
    reg [INPUTS-1:0] rows [0:STEPS*FRAMES-1];
    wire ready, sample;
    wire [OUTPUTS-1:0] out_spikes;
    integer row, frame, cycle, begun, steps, sent, bit_number;

    network dut (
        .clk(clk), .rst_n(rst_n), .start(start), .sample_ready(1'b1), .in_spikes(rows[row]),
        .ready(ready), .sample(sample), .out_spikes(out_spikes)
    );

    initial begin
        $readmemh("spikes.mem", rows);
        clk = 0; rst_n = 0; start = 0; row = 0; frame = 0; cycle = 0; begun = -1; steps = 0; sent = 0;
        #42 rst_n = 1;
    end

    always #5 clk = ~clk;

    always @(posedge clk) if (rst_n) begin
        cycle <= cycle + 1;
        start <= ready;
        if (sample) begin
            steps <= steps + 1;
            if (row < STEPS * FRAMES - 1) row <= row + 1;
            for (bit_number = 0; bit_number < OUTPUTS; bit_number = bit_number + 1)
                if (out_spikes[bit_number]) sent = sent + 1;
        end
        // Ready falls when a frame begins; it is high for the cycles in which start is given.
        if (ready && !start) begin
            if (begun >= 0) begin
                $display("frame %0d cycles %0d steps %0d output_spikes %0d", frame, cycle - begun, steps, sent);
                frame <= frame + 1;
                if (frame == FRAMES - 1) $finish;
            end
            begun <= cycle;
            steps <= 0;
            sent = 0;
        end
        if (cycle == MOST_CYCLES) begin
            $display("no end after %0d cycles", cycle);
            $finish;
        end
    end
endmodule
