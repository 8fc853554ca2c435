using System.Globalization;
using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Calibration;
using ModelCompiler.Optimizer.Compilation;
using ModelCompiler.Optimizer.Data;
using ModelCompiler.Optimizer.Measurement;
using ModelCompiler.Runtime;
using ModelCompiler.Tests;

namespace ModelCompiler.Benchmarks.Accuracy;

/// <summary>
/// How right models in static int8 are, with nothing left in float for speed, beside the Python quantizer's: on samples like those that they were calibrated
/// on, and on others. What recipes of ours do on their own is shown too, for any model.
/// </summary>
internal static class AccuracyBenchmark
{
    private const string None = "-";

    private static readonly RangeMethod[] Ranges = [RangeMethod.MinMax, RangeMethod.PerTensor];

    private static string Folder { get; } = Directory.CreateDirectory(Path.Combine(PublicModels.RepositoryRoot, "artifacts", "quantization")).FullName;

    /// <summary>The trained networks whose name contains a word.</summary>
    public static int Trained(string word, bool withRecipes)
    {
        var peer = PeerQuantizer.Find();
        Console.WriteLine($"{"model",-18} {"contestant",-26} {string.Join("  ", TestedSamples.Names.Select(name => $"{name,-30}"))}\n{"",-45} {string.Join("  ", TestedSamples.Names.Select(_ => "right %   less  alike %     dB"))}");
        foreach (QuantizedModel model in QuantizedModel.All(Folder, word).Where(model => model.Evaluation is not null))
        {
            Contestant[] contestants = [.. withRecipes ? Recipes(model) : [Compiled(model, null, "Int8")], .. peer?.Quantize(model) ?? []];
            TestedSamples[] sets = [.. TestedSamples.All(model)];
            AnswerSheet[] sources = [.. sets.Select(set => AnswerSheet.Of(model.Path, set, null))];
            Console.WriteLine($"{model.Name,-18} {"float32",-26} {string.Join("  ", sources.Select(source => Text(source, source)))}");
            foreach (Contestant contestant in contestants)
            {
                IEnumerable<string> figures = sets.Zip(sources, (set, source) => Text(AnswerSheet.Of(contestant.Path, set, source), source));
                Console.WriteLine($"{model.Name,-18} {contestant.Name,-26} {string.Join("  ", figures)}");
            }
        }
        return 0;
    }

    /// <summary>Any model by each recipe: decibels of its outputs on samples that the calibration has none of.</summary>
    /// <param name="path">The model.</param>
    /// <param name="calibration">Samples to calibrate with; <see cref="None"/> for the statistics of normalizations, or random inputs.</param>
    /// <param name="evaluation">Others to compare on.</param>
    public static int Recipes(string path, string calibration, string evaluation)
    {
        using InferenceSession source = InferenceSession.Open(path);
        var samples = SampleSet.Open(evaluation, SampleInput.Of(OnnxReader.Read(path)));
        var answers = new ReferenceRuns(256 << 20);
        foreach (Contestant contestant in Recipes(new QuantizedModel(Path.GetFileNameWithoutExtension(path), path, calibration, null)))
        {
            using InferenceSession compiled = InferenceSession.Open(contestant.Path);
            IReadOnlyList<OutputAgreement> outputs = OutputComparison.Run(source, compiled, samples, 1, answers).Agreement.Outputs;
            string decibels = string.Join(' ', outputs.Select(output => output.SqnrDb.ToString("F1", CultureInfo.InvariantCulture).PadLeft(6)));
            Console.WriteLine($"{Path.GetFileNameWithoutExtension(path),-30} {contestant.Name,-26} {decibels}");
        }
        return 0;
    }

    private static IEnumerable<Contestant> Recipes(QuantizedModel model)
    {
        yield return Compiled(model, null, "Int8");
        foreach (RangeMethod ranges in Ranges)
        {
            foreach (bool isRounded in (bool[])[false, true])
            {
                var choices = new Dictionary<string, string> { ["ranges"] = ranges.ToString() };
                if (isRounded) choices.Add("rounding", "LeastSquares");
                yield return Compiled(model, new CompilationPlan { Precision = Precision.Int8, Choices = choices }, isRounded ? $"{ranges}, rounded" : ranges.ToString());
            }
        }
    }

    private static Contestant Compiled(QuantizedModel model, CompilationPlan? plan, string name)
    {
        Console.Error.WriteLine($"  {model.Name}: {name}");
        var options = new CompileOptions { Precision = Precision.Int8, CalibrationPath = model.Calibration == None ? null : model.Calibration, Plan = plan, MeasureLatency = false };
        CompileResult result = Compiler.Compile(OnnxReader.Read(model.Path), options);
        string path = Path.Combine(Folder, $"accuracy {model.Name} {name}.onnx");
        OnnxWriter.Write(result.Model, path);
        return new Contestant(name, path, null);
    }

    private static string Text(AnswerSheet sheet, AnswerSheet source) =>
        string.Create(CultureInfo.InvariantCulture, $"{sheet.Percent,7:F2} {sheet.Over(source),7} {sheet.AlikePercent,7:F2} {sheet.Sqnr,6:F1}");
}
