using System.Globalization;
using System.Text.Json;
using ModelCompiler.Runtime;
using ModelCompiler.Tests;

namespace ModelCompiler.Benchmarks;

/// <summary><c>modelc compile --precision Float32</c> on every public model, and <c>modelc compare</c> and <c>modelc bench</c> of the result with its original.</summary>
internal static class PublicModelTable
{
    private const int Samples = 4;

    public static int Run()
    {
        string folder = Directory.CreateTempSubdirectory("modelc-public-").FullName;
        try
        {
            Console.WriteLine($"{"model",-20} {"KiB",13} {"cosine",9} {"SQNR dB",8} {"largest difference",19} {"ratio",6}");
            foreach (PublicModel model in PublicModels.All.Concat(PublicModels.Variants)) Measure(model, Path.Combine(folder, model.Name));
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Measure(PublicModel model, string folder)
    {
        string path = PublicModels.PathOf(model), data = WriteSamples(path, Directory.CreateDirectory(folder).FullName);
        JsonElement compiled = RunTool("compile", path, "--precision", "Float32", "--name", "model", "-o", folder);
        string result = compiled.GetProperty("model").GetString()!;
        JsonElement[] outputs = [.. RunTool("compare", path, result, "--data", data).GetProperty("outputs").EnumerateArray()];
        double ratio = RunTool("bench", path, result, "--data", data, "--seconds", "4").GetProperty("models")[1].GetProperty("ratio").GetDouble();
        long before = compiled.GetProperty("sourceBytes").GetInt64(), after = compiled.GetProperty("bytes").GetInt64();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{model.Name,-20} {$"{before / 1024} → {after / 1024}",13} {Worst("cosine").Min(),9:F6} {Worst("sqnrDb").Min(),8:F1} {Worst("maxAbs").Max(),19:G3} {ratio,6:F2}"));

        IEnumerable<double> Worst(string figure) => outputs.Select(output => output.GetProperty(figure)).Select(Number);
    }

    /// <summary>JSON has no infinities: one too large for a number stands for them.</summary>
    private static double Number(JsonElement figure) => figure.ValueKind == JsonValueKind.Number ? figure.GetDouble() : double.NaN;

    private static string WriteSamples(string model, string folder)
    {
        using InferenceSession session = InferenceSession.Open(model);
        IReadOnlyList<(string Name, TensorBuffer Value)>[] samples = [.. Enumerable.Range(1, Samples).Select(seed => ExampleInputs.Of(session, seed))];
        var arrays = new List<(string, byte[])>();
        foreach ((string name, TensorBuffer first) in samples[0]) arrays.Add((name, Array(first, [.. samples.Select(sample => sample.First(input => input.Name == name).Value)])));
        string path = Path.Combine(folder, "samples.npz");
        File.WriteAllBytes(path, NumpyFiles.Npz([.. arrays]));
        return path;
    }

    /// <summary>The samples one after the other: along the first dimension where it is a batch of one, else along one more.</summary>
    private static byte[] Array(TensorBuffer first, TensorBuffer[] samples)
    {
        long[] shape = first.Shape is [] ? [] : [Samples, .. first.Shape[0] == 1 ? first.Shape[1..].ToArray() : first.Shape.ToArray()];
        TensorBuffer[] stored = shape.Length == 0 ? [first] : samples;
        return first.ElementType == TensorElementType.Int64
            ? NumpyFiles.Npy<long>([.. stored.SelectMany(sample => sample.AsSpan<long>().ToArray())], shape)
            : NumpyFiles.Npy<float>([.. stored.SelectMany(sample => sample.AsSpan<float>().ToArray())], shape);
    }

    private static JsonElement RunTool(params string[] arguments)
    {
        ToolRun run = ToolRun.Of(TimeSpan.FromMinutes(10), [.. arguments, "--json"]);
        return run.ExitCode == 0 ? JsonDocument.Parse(run.Output).RootElement : throw new InvalidOperationException($"modelc {string.Join(' ', arguments)}: {run.Error}");
    }
}
