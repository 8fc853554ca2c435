using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Compilation;
using ModelCompiler.Runtime;

namespace ModelCompiler.Benchmarks;

/// <summary>
/// Runs ONNX's backend suite. Every model that ONNX Runtime loads must be written as it was read and must compile; every case that ONNX Runtime
/// answers as the suite expects must then be answered the same, to 1e-5 relative.
/// </summary>
internal static class BackendSuite
{
    private const double Relative = 1e-5, Absolute = 1e-6;

    public static int Run(string folder)
    {
        string[] cases = [.. Directory.EnumerateFiles(folder, "model.onnx", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
        int refused = 0, loaded = 0, compiled = 0, expected = 0, passed = 0, exact = 0;
        foreach (string path in cases)
        {
            if (!IsLoaded(path))
            {
                refused++;
                continue;
            }
            loaded++;
            BackendAnswer? original = BackendAnswer.Of(path);
            if (original is not null) expected++;
            try
            {
                Check(path, original);
                compiled++;
                if (original is null) continue;
                passed++;
                if (original.IsExact) exact++;
            }
            catch (Exception e) when (e is ModelCompilerException or CompilerException or ArgumentException or InvalidOperationException)
            {
                Console.WriteLine($"FAILED {Path.GetRelativePath(folder, Path.GetDirectoryName(path)!)}: {e.Message}");
            }
        }
        Console.WriteLine($"{cases.Length} models, {refused} of which ONNX Runtime does not load; {compiled}/{loaded} others compile");
        Console.WriteLine($"{loaded - expected} of them have no answer to compare: ONNX Runtime's is not the suite's, or inputs or outputs are no tensors");
        Console.WriteLine($"{exact} answers are bit-exact");
        Console.WriteLine($"{passed}/{expected}");
        return passed == expected && compiled == loaded ? 0 : 1;
    }

    private static bool IsLoaded(string path)
    {
        try
        {
            InferenceSession.Open(path).Dispose();
            return true;
        }
        catch (OnnxRuntimeException)
        {
            return false;
        }
    }

    /// <exception cref="InvalidOperationException">What was written or compiled is not what it should be.</exception>
    private static void Check(string path, BackendAnswer? original)
    {
        Model model = OnnxReader.Read(path);
        byte[] written = OnnxWriter.ToBytes(model);
        if (!written.AsSpan().SequenceEqual(OnnxWriter.ToBytes(OnnxReader.Read(written)))) throw new InvalidOperationException("read and written again, it is another model");
        Compare(original, written, "written as it is", 0, 0);
        Compare(original, OnnxWriter.ToBytes(Compiler.Compile(model, new CompileOptions()).Model), "compiled", Relative, Absolute);
    }

    private static void Compare(BackendAnswer? original, byte[] model, string what, double relative, double absolute)
    {
        using InferenceSession session = InferenceSession.Open(model);
        if (original?.Difference(session, relative, absolute) is { } difference) throw new InvalidOperationException($"{what}, {difference}");
    }
}
