using System.Diagnostics;
using System.Globalization;
using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Compilation;

namespace ModelCompiler.Benchmarks;

/// <summary>A compilation in a process of its own, so that its CPU time and memory are its own; without labels, which the peer does not get either.</summary>
internal static class ChildCompilation
{
    public const string Verb = "compile-one";

    /// <summary>What takes longer is no answer that a build can wait for.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    private static readonly TimeSpan TuningBudget = TimeSpan.FromMinutes(1);

    /// <summary>Compiles and waits; null where the precision does not apply to the model, or takes too long, which is said.</summary>
    public static CompilationCost? Start(QuantizedModel model, Precision precision, string output)
    {
        string[] arguments = [Verb, model.Path, model.Calibration, precision.ToString(), output];
        var start = new ProcessStartInfo(Environment.ProcessPath!, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync(), text = process.StandardOutput.ReadToEndAsync();
        bool isOver = process.WaitForExit(Limit);
        if (!isOver) process.Kill();
        if (isOver && process.ExitCode == 0)
        {
            double[] numbers = [.. text.Result.Split().Where(word => word.Length > 0).Select(word => double.Parse(word, CultureInfo.InvariantCulture))];
            return new CompilationCost(numbers[0], numbers[1]);
        }
        Console.WriteLine($"{model.Name,-18} {precision,-22} {(isOver ? error.Result.Trim().Split('\n')[0] : $"not done after {Limit.TotalMinutes} minutes")}");
        return null;
    }

    /// <summary>The child's part.</summary>
    public static int Run(string model, string calibration, string precision, string output)
    {
        try
        {
            var options = new CompileOptions
            {
                Precision = Enum.Parse<Precision>(precision),
                CalibrationPath = calibration,
                TuningBudget = TuningBudget,
            };
            CompileResult result = Compiler.Compile(OnnxReader.Read(model), options);
            OnnxWriter.Write(result.Model, output);
        }
        catch (CompilerException e)
        {
            Console.Error.WriteLine($"{e.Code}: {e.Message}");
            return 1;
        }
        using var process = Process.GetCurrentProcess();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{process.TotalProcessorTime.TotalSeconds} {process.PeakWorkingSet64 / (1024.0 * 1024.0)}"));
        return 0;
    }
}
