using System.Diagnostics;
using System.Globalization;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Text;
using ModelCompiler.Generator;
using ModelCompiler.Manifests;

namespace ModelCompiler.Benchmarks;

/// <summary>The generator on manifests of 1 MiB, as an IDE runs it: after an edit that has nothing to do with the model, and after the manifest was written anew.</summary>
internal static class GeneratorBenchmark
{
    private const int Runs = 30;
    private const int MiB = 1 << 20;

    public static int Run()
    {
        Console.WriteLine($"{"manifest of",14} {"KiB",6} {"first ms",9} {"changed ms",11} {"edit ms",8}");
        Measure("class names", Manifest(MiB / 22, 1));
        Measure("tensors", Manifest(0, MiB / 270));
        return 0;
    }

    private static void Measure(string kind, ModelManifest manifest)
    {
        var driver = (GeneratorDriver)CSharpGeneratorDriver.Create([new PredictorGenerator().AsSourceGenerator()], [new Text("m", manifest)], optionsProvider: new Options());
        var compilation = CSharpCompilation.Create("App", [CSharpSyntaxTree.ParseText("class User { }", path: "User.cs")]);
        double first = Time(() => driver = driver.RunGenerators(compilation));
        AdditionalText old = new Text("m", manifest);
        driver = driver.ReplaceAdditionalTexts([old]).RunGenerators(compilation);
        double changed = Median(i =>
        {
            var next = new Text("m", manifest with { Opset = i });
            double time = Time(() => driver = driver.ReplaceAdditionalText(old, next).RunGenerators(compilation));
            old = next;
            return time;
        });
        double edit = Median(i =>
        {
            compilation = compilation.ReplaceSyntaxTree(compilation.SyntaxTrees[0], CSharpSyntaxTree.ParseText($"class User {{ int Value => {i}; }}", path: "User.cs"));
            return Time(() => driver = driver.RunGenerators(compilation));
        });
        int length = ManifestWriter.Write(manifest).Length / 1024;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{kind,14} {length,6} {first,9:F1} {changed,11:F1} {edit,8:F2}"));
        if (!driver.GetRunResult().Diagnostics.IsEmpty) throw new InvalidOperationException(driver.GetRunResult().Diagnostics[0].ToString());
    }

    private static ModelManifest Manifest(int labels, int tensors)
    {
        var file = new ManifestFile("m.onnx", 1, new string('0', 64));
        ManifestValue input = new() { Name = "x", ElementType = ManifestElementType.Float32, Shape = new([ManifestDimension.Fixed(1), ManifestDimension.Fixed(3)]) };
        ManifestDimension[] classes = [ManifestDimension.Fixed(1), ManifestDimension.Fixed(Math.Max(labels, 1))];
        return new ModelManifest
        {
            Name = "m",
            Namespace = "App",
            Model = file,
            Source = file,
            ToolVersion = "0.1.0",
            MinimumRuntimeVersion = "0.1.0",
            MinimumOrtApiVersion = 20,
            Precision = "Int8",
            ExecutionProviders = new(["Cpu"]),
            Opset = 1,
            Inputs = new([input]),
            Outputs = new(Enumerable.Range(0, tensors).Select(i => input with
            {
                Name = "output_" + i.ToString(CultureInfo.InvariantCulture),
                Shape = new(classes),
                Labels = new(Enumerable.Range(0, labels).Select(label => "class " + label.ToString(CultureInfo.InvariantCulture))),
            })),
        };
    }

    private static double Time(Action action)
    {
        long start = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    private static double Median(Func<int, double> run) => Enumerable.Range(0, Runs).Select(run).Order().ElementAt(Runs / 2);

    private sealed class Text(string name, ModelManifest manifest) : AdditionalText
    {
        private readonly SourceText _text = SourceText.From(ManifestWriter.Write(manifest), Encoding.UTF8);

        public override string Path { get; } = $"/app/{name}.model.json";

        public override SourceText GetText(CancellationToken cancellationToken = default) => _text;
    }

    /// <summary>Every additional file is a manifest.</summary>
    private sealed class Options : AnalyzerConfigOptionsProvider
    {
        public override AnalyzerConfigOptions GlobalOptions { get; } = new Marked();

        public override AnalyzerConfigOptions GetOptions(SyntaxTree tree) => GlobalOptions;

        public override AnalyzerConfigOptions GetOptions(AdditionalText textFile) => GlobalOptions;

        private sealed class Marked : AnalyzerConfigOptions
        {
            public override bool TryGetValue(string key, out string value)
            {
                value = "true";
                return key.EndsWith("ModelCompilerManifest", StringComparison.Ordinal);
            }
        }
    }
}
