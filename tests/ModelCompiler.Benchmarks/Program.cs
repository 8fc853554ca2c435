using ModelCompiler.Benchmarks;
using ModelCompiler.Benchmarks.Accuracy;

// Run by hand: what takes minutes, or measures time, is no test.
if (args is ["public-models" or "large" or "quantization", ..]) Console.WriteLine($"What compiles is {ToolRun.Form}.");
return args switch
{
    ["float"] => FloatBenchmark.Run(),
    ["public-models"] => PublicModelTable.Run(),
    ["scale"] => ScaleBenchmark.Run(),
    ["large"] => LargeModelBenchmark.Run(),
    ["generator"] => GeneratorBenchmark.Run(),
    ["runtime"] => RuntimeBenchmark.Run(),
    ["chain"] => ChainBenchmark.Run(),
    ["quantization", .. var words] when words is [] or [_] or [_, "--quick"] => QuantizationBenchmark.Run(words.FirstOrDefault(word => word != "--quick") ?? "", words.Contains("--quick")),
    ["accuracy", string model, string calibration, string evaluation] => AccuracyBenchmark.Recipes(model, calibration, evaluation),
    ["accuracy", .. var words] when words is [] or [_] or [_, "--recipes"] => AccuracyBenchmark.Trained(words.FirstOrDefault(word => word != "--recipes") ?? "", words.Contains("--recipes")),
    ["text-lines"] => TextLineBenchmark.Run(""),
    ["text-lines", string precision] => TextLineBenchmark.Run(precision),
    ["backend-suite", string folder] => BackendSuite.Run(folder),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("""
        usage: dotnet run --project tests/ModelCompiler.Benchmarks -c Release -- <benchmark>
          float                    the float passes on the public models: latency against the original, which ONNX Runtime optimizes as it likes
          public-models            modelc compile to float32 on the public models: agreement, size, latency ratio
          scale                    the float passes on graphs of 1,000 to 100,000 nodes: time and memory per node
          large                    a model of 4 GiB in external data through modelc compile: time and peak memory (needs 8 GiB in the temporary folder)
          generator                the source generator on manifests of 1 MiB, as an IDE runs it
          runtime                  predictors: a call over ONNX Runtime's own Run, bytes allocated, shared runs under 1, 8 and 64 callers, memory over a million calls
          chain                    two models, one after the other: outputs that stay where they are against outputs that are copied, on the CPU and on WebGPU
          quantization [<word or folder>] [--quick]
                                   every precision against float32 and, after build/peer.sh, against the Python quantizer: latency, agreement, size, cost,
                                   and which goals are met; of the models whose name contains the word, or of those in the folder, with samples beside them (<name>.npz) or random ones
          accuracy [<word>] [--recipes]
                                   the trained networks in int8 and by the Python quantizer, nothing left in float for speed: accuracy on 10,000 samples, as in
                                   training, with noise and paler, and each recipe by itself
          accuracy <model.onnx> <calibration or -> <samples>
                                   any model by each recipe: decibels of its outputs over float32's on samples that calibration has not seen
          text-lines [<precision>] the public recognizer and classifier on rendered lines of text: lines read right, and time, over the original
          backend-suite <folder>   ONNX's own test suite before and after the float passes
        """);
    return 2;
}
