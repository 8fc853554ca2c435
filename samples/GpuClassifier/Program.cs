using GpuClassifier;
using ModelCompiler.Runtime;

const int Side = 28;

// What ModelCompiler and ONNX Runtime have to say about the choice of providers, once, when the predictor is made.
OrtEnvironment.Logged += line => Console.Error.WriteLine($"[{line.Severity}] {line.Text}");
try
{
    using var digits = new DigitsPredictor();
    Console.WriteLine($"ONNX Runtime {OrtEnvironment.Version}");
    Console.WriteLine(digits.Placement);

    // A vertical stroke in the middle.
    float[] image = [.. Enumerable.Range(0, Side * Side).Select(i => i % Side is 13 or 14 && i / Side is > 4 and < 23 ? 1f : 0f)];
    var logits = digits.Predict(image).Logits;
    Console.WriteLine($"A vertical stroke reads as {logits.ArgMax()}.");
    return 0;
}
catch (ModelCompilerException e)
{
    Console.Error.WriteLine($"GpuClassifier: {e.Code}: {e.Message}");
    return 1;
}
